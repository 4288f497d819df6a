// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TransparentUpgradeableProxy} from "@openzeppelin/contracts/proxy/transparent/TransparentUpgradeableProxy.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title The proxy that stands at USDC's mainnet address on the local chain
contract UsdcProxy is TransparentUpgradeableProxy {
    constructor(address logic, address admin) TransparentUpgradeableProxy(logic, admin, "") {}

    /// @dev The logic starts from zero state, so there is nothing to initialize
    function _unsafeAllowUninitialized() internal pure override returns (bool) {
        return true;
    }
}

/// @title USDC's behaviour behind its proxy: 6 digits, blacklist, pause, EIP-2612 permit of version 2
/// @notice Holds no state of its own: every slot is the proxy's. Never for a real chain.
contract UsdcLookAlike {
    /// @notice A transfer touches a listed account
    error Blacklisted(address account);
    /// @notice Transfers are stopped
    error IsPaused();
    /// @notice `account` has or allows less than `amount`
    error Insufficient(address account, uint256 amount);
    /// @notice The permit is late or not the owner's
    error BadPermit(address owner);

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    // Named as the ERC-20 getters that they are.
    // solhint-disable const-name-snakecase
    string public constant name = "USD Coin";
    string public constant symbol = "USDC";
    string public constant version = "2";
    uint8 public constant decimals = 6;
    // solhint-enable const-name-snakecase
    bytes32 public constant PERMIT_TYPEHASH = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );

    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    mapping(address => uint256) public nonces;
    mapping(address => bool) public isBlacklisted;
    bool public paused;

    /// @notice Makes `amount` base units for `to`. Open to anyone: the chain is local
    function mint(address to, uint256 amount) external {
        totalSupply += amount;
        balanceOf[to] += amount;
        emit Transfer(address(0), to, amount);
    }

    /// @notice Puts `account` on the blacklist or takes it off
    function setBlacklisted(address account, bool listed) external {
        isBlacklisted[account] = listed;
    }

    /// @notice Stops or resumes every transfer
    function setPaused(bool stopped) external {
        paused = stopped;
    }

    function approve(address spender, uint256 value) external returns (bool) {
        _approve(msg.sender, spender, value);
        return true;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        _transfer(msg.sender, to, value);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        uint256 allowed = allowance[from][msg.sender];
        require(allowed >= value, Insufficient(from, value));
        if (allowed != type(uint256).max) allowance[from][msg.sender] = allowed - value;
        _transfer(from, to, value);
        return true;
    }

    /// @notice EIP-2612: approves with the owner's signature
    function permit(
        address owner,
        address spender,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        bytes32 data = keccak256(abi.encode(PERMIT_TYPEHASH, owner, spender, value, nonces[owner]++, deadline));
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", DOMAIN_SEPARATOR(), data));
        require(block.timestamp <= deadline && ECDSA.recover(digest, v, r, s) == owner, BadPermit(owner));
        _approve(owner, spender, value);
    }

    /// @notice EIP-712 domain of the proxy that runs this code
    function DOMAIN_SEPARATOR() public view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                    keccak256(bytes(name)),
                    keccak256(bytes(version)),
                    block.chainid,
                    address(this)
                )
            );
    }

    function _approve(address owner, address spender, uint256 value) private {
        require(!paused, IsPaused());
        allowance[owner][spender] = value;
        emit Approval(owner, spender, value);
    }

    function _transfer(address from, address to, uint256 value) private {
        require(!paused, IsPaused());
        require(!isBlacklisted[from], Blacklisted(from));
        require(!isBlacklisted[to], Blacklisted(to));
        require(!isBlacklisted[msg.sender], Blacklisted(msg.sender));
        require(balanceOf[from] >= value, Insufficient(from, value));
        balanceOf[from] -= value;
        balanceOf[to] += value;
        emit Transfer(from, to, value);
    }
}
