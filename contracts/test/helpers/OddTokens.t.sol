// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TestToken} from "./RealPools.t.sol";

/// @notice Keeps a share of what it moves, in 1/10,000, once it is switched on.
contract FeeToken is TestToken("FEE") {
    uint256 public feeBps;

    function setFee(uint256 bps) external {
        feeBps = bps;
    }

    function _update(address from, address to, uint256 amount) internal override {
        uint256 fee = from == address(0) || to == address(0) ? 0 : (amount * feeBps) / 10_000;
        super._update(from, to, amount - fee);
        if (fee > 0) super._update(from, address(0xfee), fee);
    }
}

/// @notice Calls out once when it moves, as an ERC-777 does; then it remembers whether the call went through.
contract HookToken is TestToken("HOOK") {
    address public target;
    bytes public data;
    bool public called;
    bool public wentThrough;
    /// Movements that pass before it calls.
    uint256 public skips;

    function arm(address target_, bytes calldata data_) external {
        (target, data, called, wentThrough) = (target_, data_, false, false);
    }

    function skip(uint256 movements) external {
        skips = movements;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (target == address(0) || called) return;
        if (skips > 0) {
            --skips;
            return;
        }
        called = true;
        (wentThrough, ) = target.call(data);
    }
}

/// @notice Keeps shares, of which `shares_` are worth `units`; changing that changes all balances at once. With a whole
/// number of shares to a unit moves are exact, as Ampleforth's are; with less than one they can be a unit short, as
/// stETH's are.
contract RebaseToken {
    mapping(address account => uint256 count) public sharesOf;
    mapping(address account => mapping(address spender => uint256 amount)) public allowance;
    uint256 public shares;
    uint256 public units = 1;

    constructor(uint256 shares_) {
        shares = shares_;
    }

    function rebase(uint256 shares_, uint256 units_) external {
        (shares, units) = (shares_, units_);
    }

    function mint(address to, uint256 amount) external {
        sharesOf[to] += (amount * shares) / units;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        return _move(from, to, amount);
    }

    function balanceOf(address account) external view returns (uint256) {
        return (sharesOf[account] * units) / shares;
    }

    function _move(address from, address to, uint256 amount) private returns (bool) {
        uint256 moved = (amount * shares) / units;
        sharesOf[from] -= moved;
        sharesOf[to] += moved;
        return true;
    }
}

/// @notice Says it has moved tokens to the one account that it cheats, and does not.
contract LyingToken is TestToken("LIE") {
    address public cheated;

    function cheat(address account) external {
        cheated = account;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (to != cheated || from == address(0)) super._update(from, to, amount);
    }
}

/// @notice Refuses to move to or from a listed account, and refuses nothing-transfers.
contract BlockToken is TestToken("BLOCK") {
    mapping(address account => bool isListed) public listed;

    error Listed();
    error Nothing();

    function list(address account) external {
        listed[account] = true;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (listed[from] || listed[to]) revert Listed();
        if (amount == 0) revert Nothing();
        super._update(from, to, amount);
    }
}

/// @notice Answers nothing or false, as old tokens do, instead of true.
contract OldToken {
    bool public immutable isFalse;
    mapping(address account => uint256 amount) public balanceOf;
    mapping(address account => mapping(address spender => uint256 amount)) public allowance;

    constructor(bool isFalse_) {
        isFalse = isFalse_;
    }

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
        _answer();
    }

    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount);
        _answer();
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        _move(from, to, amount);
        _answer();
    }

    function _move(address from, address to, uint256 amount) private {
        // A token that answers false has not moved.
        if (isFalse) return;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }

    function _answer() private view {
        if (!isFalse) return;
        assembly ("memory-safe") {
            mstore(0, 0)
            return(0, 32)
        }
    }
}
