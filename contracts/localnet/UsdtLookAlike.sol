// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title USDT's behaviour: no return values, no approval from non-zero to non-zero, fee switch, pause, blacklist
/// @notice Stands at USDT's mainnet address on the local chain. The switches are open to anyone. Never for a real chain.
contract UsdtLookAlike {
    /// @notice USDT refuses without a reason; so does this, with none that a caller could rely on
    error Refused();

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    // Named as the ERC-20 getters that they are.
    // solhint-disable const-name-snakecase
    string public constant name = "Tether USD";
    string public constant symbol = "USDT";
    uint256 public constant decimals = 6;
    // solhint-enable const-name-snakecase

    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    mapping(address => bool) public isBlackListed;
    bool public paused;
    /// @notice Share of each transfer that the fee switch takes, in 1/100 %; 0 as on mainnet
    uint256 public basisPointsRate;
    /// @notice Most that one transfer pays, in base units
    uint256 public maximumFee;
    /// @notice Where fees go
    address public immutable owner;

    constructor() {
        owner = msg.sender;
    }

    /// @notice Makes `amount` base units for `to`. Open to anyone: the chain is local
    function mint(address to, uint256 amount) external {
        totalSupply += amount;
        balanceOf[to] += amount;
        emit Transfer(address(0), to, amount);
    }

    /// @notice The fee switch; mainnet allows rates below 20 and fees below 50 units
    function setParams(uint256 rate, uint256 maximum) external {
        require(rate < 20 && maximum < 50, Refused());
        basisPointsRate = rate;
        maximumFee = maximum * 10 ** decimals;
    }

    /// @notice Stops or resumes every transfer
    function setPaused(bool stopped) external {
        paused = stopped;
    }

    /// @notice Puts `account` on the blacklist or takes it off
    function setBlackListed(address account, bool listed) external {
        isBlackListed[account] = listed;
    }

    /// @notice Returns nothing. A non-zero allowance must be set to zero before another non-zero one
    function approve(address spender, uint256 value) external {
        require(value == 0 || allowance[msg.sender][spender] == 0, Refused());
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
    }

    /// @notice Returns nothing
    function transfer(address to, uint256 value) external {
        _transfer(msg.sender, to, value);
    }

    /// @notice Returns nothing
    function transferFrom(address from, address to, uint256 value) external {
        uint256 allowed = allowance[from][msg.sender];
        if (allowed < type(uint256).max) allowance[from][msg.sender] = allowed - value;
        _transfer(from, to, value);
    }

    function _transfer(address from, address to, uint256 value) private {
        require(!paused && !isBlackListed[from] && balanceOf[from] >= value, Refused());
        uint256 fee = (value * basisPointsRate) / 10_000;
        if (fee > maximumFee) fee = maximumFee;
        balanceOf[from] -= value;
        balanceOf[to] += value - fee;
        emit Transfer(from, to, value - fee);
        if (fee == 0) return;
        balanceOf[owner] += fee;
        emit Transfer(from, owner, fee);
    }
}
